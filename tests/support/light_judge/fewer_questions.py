"""How many questions the judge asks in tests that are about what becomes of a verdict, and not about the judge."""

FEWER = {"fresh": 300, "exhaustive": 500, "examples": 50}  # fields of mips.judging.questions.Effort
