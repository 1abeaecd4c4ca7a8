"""The whole script: the steps of these modules, in this order."""

from . import script_topics  # noqa: F401  isort: skip
from . import script_configs  # noqa: F401  isort: skip
from . import script_records  # noqa: F401  isort: skip
from . import script_groups  # noqa: F401  isort: skip
from .play import STEPS

__all__ = ["STEPS"]
