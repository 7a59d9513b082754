"""People, units, posts, roles, passwords and sessions."""

from typing import Any

__all__ = ["includeme"]

_ROUTES = {
    "account.password": "/account/password",
    "account.second_factor": "/account/second-factor",
    "account.tokens": "/account/tokens",
    "sign_in.code": "/sign-in/code",
    "sign_in.provider": "/sign-in/provider",
    "sign_in.return": "/sign-in/return",
    "account.sessions": "/account/sessions",
    "account.permissions": "/account/permissions",
    "people.list": "/people",
    "people.new": "/people/new",
    "people.passwords": "/people/passwords",
    "people.import": "/people/import",
    "people.person": "/people/{person_id}",
    "people.password": "/people/{person_id}/password",
    "people.post": "/people/{person_id}/posts",
    "people.leave": "/people/{person_id}/leave",
    "people.reopen": "/people/{person_id}/reopen",
    "units.tree": "/units",
    "units.unit": "/units/{unit_id}",
    "units.close": "/units/{unit_id}/close",
    "units.post_new": "/units/{unit_id}/posts",
    "posts.post": "/posts/{post_id}",
    "posts.close": "/posts/{post_id}/close",
    "rights.list": "/rights",
    "rights.sessions": "/rights/sessions",
    "rights.addresses": "/rights/addresses",
    "rights.groups": "/rights/groups",
    "rights.person": "/rights/{person_id}",
    "rights.unlock": "/rights/{person_id}/unlock",
    "rights.end_sessions": "/rights/{person_id}/sessions",
    "rights.second_factor": "/rights/{person_id}/second-factor",
    "rights.end_token": "/rights/{person_id}/tokens",
}


def includeme(config: Any) -> None:
    """Routes, the services, and the policy that says who asks."""
    # Imported here: the tables and services of this package are used where there is no web.
    from archive.platform.accounts.identities import GroupRuleService
    from archive.platform.accounts.organisation import OrganisationService
    from archive.platform.accounts.rights import RightsService
    from archive.platform.accounts.second_factor import SecondFactorService
    from archive.platform.accounts.security import SessionPolicy
    from archive.platform.accounts.service import AccountService
    from archive.platform.accounts.sign_in import SignInService
    from archive.platform.accounts.tokens import ApiTokenService

    policy = SessionPolicy()
    config.set_security_policy(policy)
    config.add_request_method(lambda request: policy.resumed(request).pending, "pending", reify=True)
    config.add_request_method(lambda request: policy.resumed(request).opened, "opened_session", reify=True)
    config.add_route("sign_in", "/sign-in")
    config.add_route("sign_out", "/sign-out", request_method="POST")
    for name, path in _ROUTES.items():
        config.add_route(name, path)
    for plain in (ApiTokenService, GroupRuleService, OrganisationService, SecondFactorService, SignInService):
        config.register_service_factory(_made(plain), iface=plain)
    for asking in (AccountService, RightsService):
        config.register_service_factory(_made_with_duties(asking), iface=asking)
    config.scan(".views")


def _made(service: Any) -> Any:
    return lambda _context, request: service(request.db, request.clock, request.actor)


def _made_with_duties(service: Any) -> Any:
    return lambda _context, request: service(request.db, request.clock, request.actor, request.duties)
