"""What a Cairn plugin in Python is written with.

`src/main.py` of a plugin has a dict for each kind of section of its manifest: functions in `subscriptions`, `jobs` and `routes`, a `View`
each in `views`, and a `Privacy` in `privacy` if it has data about people. What it asks of the host is in the modules of this package; each becomes an import of the component only where it is
imported, and then needs a grant in the manifest. Hooks are not for Python: an instance alone takes most of their time.

`queue` is `jobs` of the contract: a plugin has its own `jobs`.

To add what the contract has and this package has not: a module beside `kv`, over `wit_world.imports`.
"""

from .errors import PluginError
from .outcomes import Call, Event, Outcome, Reply, Request, Retry, Task, again, dead, done, reject, retry
from .privacy import ErasedDocument, ErasureStep, Person, PersonalRecord, Privacy, ReportPage, RetainedRecord
from .views import ActionRequest, ActionResult, Document, View, ViewRequest

__all__ = [
    "ActionRequest",
    "ActionResult",
    "Call",
    "Document",
    "ErasedDocument",
    "ErasureStep",
    "Event",
    "Outcome",
    "Person",
    "PersonalRecord",
    "PluginError",
    "Privacy",
    "Reply",
    "ReportPage",
    "Request",
    "RetainedRecord",
    "Retry",
    "Task",
    "View",
    "ViewRequest",
    "again",
    "dead",
    "done",
    "reject",
    "retry",
]
