"""Hypothesis without a deadline: the laws must hold on a busy machine too."""

from hypothesis import settings

settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")
