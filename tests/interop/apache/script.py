"""The whole script: the steps of these modules, in this order."""

from . import script_topics  # noqa: F401  isort: skip
from . import script_configs  # noqa: F401  isort: skip
from . import script_values  # noqa: F401  isort: skip
from . import script_quotas  # noqa: F401  isort: skip
from . import script_records  # noqa: F401  isort: skip
from . import script_groups  # noqa: F401  isort: skip
from . import script_versions  # noqa: F401  isort: skip
from . import script_controllers  # noqa: F401  isort: skip
from . import script_log_dirs  # noqa: F401  isort: skip
from . import script_nodes  # noqa: F401  isort: skip
from . import script_odd  # noqa: F401  isort: skip
from . import script_replicas  # noqa: F401  isort: skip
from . import script_faults  # noqa: F401  isort: skip
from .play import STEPS


def steps(modules):
    """All steps, or those of some modules ("topics,faults")."""
    if not modules:
        return STEPS
    wanted = tuple("script_" + name for name in modules.split(","))
    return [one for one in STEPS if one.__module__.endswith(wanted)]
