# What the server uses of firebase-admin, which has no annotations of its own.
from collections.abc import Mapping
from typing import Any

from firebase_admin.credentials import Base

__version__: str

class App:
    @property
    def project_id(self) -> str | None: ...

def initialize_app(
    credential: Base | None = None, options: Mapping[str, Any] | None = None, name: str = ...
) -> App: ...
def delete_app(app: App) -> None: ...
