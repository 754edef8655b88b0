"""What the API says and asks when somebody signs in: challenges, device signatures, WebAuthn ceremonies.

The WebAuthn models are the JSON forms of W3C Web Authentication Level 3, 5.1.8 to 5.1.10, with what our
server sends and reads. What a browser adds to a credential is left out on reading.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from wallet_service.platform.schema import Answer, Body, KeySignature, PublicKey

#: Far above what any authenticator makes (attestation is not asked for).
MAX_CREDENTIAL_FIELD_CHARACTERS = 16_000
CredentialId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,400}$", description="base64url.")]
Base64Url = Annotated[str, Field(max_length=MAX_CREDENTIAL_FIELD_CHARACTERS, description="base64url.")]


class DeviceChallengeBody(Body):
    """Asks for a challenge for a device's key, whether or not the service knows it."""

    public_key: PublicKey


class ChallengeAnswer(Answer):
    """What the device signs, after `alba-sign-in:`; good once and for minutes."""

    challenge: str


class DeviceSignInBody(Body):
    """A challenge signed by the device's key."""

    challenge: Annotated[str, Field(min_length=20, max_length=100)]
    public_key: PublicKey
    signature: KeySignature = Field(description="Over `alba-sign-in:` and the challenge; base64url.")


class CredentialDescriptor(Answer):
    """A credential the authenticator already has."""

    id: CredentialId
    type: Literal["public-key"]


class RelyingPartyEntity(Answer):
    """Who asks."""

    id: str
    name: str


class UserEntity(Answer):
    """Whose passkey it will be; `name` is what the device shows."""

    id: str
    name: str
    displayName: str


class CredentialParameters(Answer):
    """A signature algorithm, by its COSE number."""

    type: Literal["public-key"]
    alg: int


class AuthenticatorSelection(Answer):
    """What the authenticator must be able to do."""

    residentKey: str
    requireResidentKey: bool
    userVerification: str


class PasskeyCreationOptions(Answer):
    """What `navigator.credentials.create` wants (PublicKeyCredentialCreationOptionsJSON)."""

    rp: RelyingPartyEntity
    user: UserEntity
    challenge: str
    pubKeyCredParams: list[CredentialParameters]
    timeout: int = Field(description="Milliseconds.")
    excludeCredentials: list[CredentialDescriptor]
    authenticatorSelection: AuthenticatorSelection
    attestation: str


class PasskeyRequestOptions(Answer):
    """What `navigator.credentials.get` wants (PublicKeyCredentialRequestOptionsJSON)."""

    challenge: str
    timeout: int = Field(description="Milliseconds.")
    rpId: str
    allowCredentials: list[CredentialDescriptor]
    userVerification: str


class _Credential(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: CredentialId
    rawId: CredentialId
    type: Literal["public-key"]
    authenticatorAttachment: str | None = None
    clientExtensionResults: dict[str, JsonValue] = {}


class AttestationResponse(BaseModel):
    """An authenticator's answer to `create`."""

    model_config = ConfigDict(extra="ignore")

    clientDataJSON: Base64Url
    attestationObject: Base64Url
    transports: list[str] = Field(default=[], max_length=10)


class AssertionResponse(BaseModel):
    """An authenticator's answer to `get`."""

    model_config = ConfigDict(extra="ignore")

    clientDataJSON: Base64Url
    authenticatorData: Base64Url
    signature: Base64Url
    userHandle: Base64Url | None = None


class RegistrationCredential(_Credential):
    """What `navigator.credentials.create` made (RegistrationResponseJSON)."""

    response: AttestationResponse


class SignInCredential(_Credential):
    """What `navigator.credentials.get` made (AuthenticationResponseJSON)."""

    response: AssertionResponse


class RegistrationBody(Body):
    """A new passkey, as @simplewebauthn/browser sends it."""

    credential: RegistrationCredential

    def as_json(self) -> dict[str, Any]:
        """The credential as the WebAuthn library reads it."""
        return self.credential.model_dump(exclude_none=True)


class PasskeySignInBody(Body):
    """A passkey's answer, as @simplewebauthn/browser sends it."""

    credential: SignInCredential

    def as_json(self) -> dict[str, Any]:
        """The credential as the WebAuthn library reads it."""
        return self.credential.model_dump(exclude_none=True)


class RegisteredPasskeyAnswer(Answer):
    """The passkey that is kept from now on."""

    credential_id: CredentialId


class NextPageAnswer(Answer):
    """Where the console's page goes on."""

    next: str
