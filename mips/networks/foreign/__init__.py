"""Networks of other libraries and files as `mips.Recurrent`; torch and onnxruntime are loaded when they are needed."""
