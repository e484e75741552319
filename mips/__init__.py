"""MIPS: learn a program without seeing code, by training a network and distilling it into Python.

Here is only what a task file needs; importing it loads nothing but the standard library.
"""

from mips.tasks.task import Integers, Task, TaskError, integers

__all__ = ["Integers", "Task", "TaskError", "integers"]
