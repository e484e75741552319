"""Terms over integers, formulas made of terms, and the one order of simplicity."""
