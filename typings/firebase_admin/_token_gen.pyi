from typing import Any

from firebase_admin import App
from google.auth.transport import Request

class _JWTVerifier:
    cert_url: str

class TokenVerifier:
    request: Request
    id_token_verifier: _JWTVerifier
    def __init__(self, app: App) -> None: ...
    def verify_id_token(self, id_token: str, clock_skew_seconds: int = 0) -> dict[str, Any]: ...
