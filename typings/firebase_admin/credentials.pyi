from collections.abc import Mapping
from typing import Any

class Base:
    def get_credential(self) -> Any: ...

class Certificate(Base):
    def __init__(self, cert: str | Mapping[str, str]) -> None: ...
