"""From a dataset to a network. The only room of the library that imports torch when it is loaded."""
