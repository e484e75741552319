"""The pytest plugin: pytest knows mips, mips never knows pytest."""
