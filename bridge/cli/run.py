"""``run`` and ``schedule``: harvest and publish without being asked each time."""

from __future__ import annotations

import click

from archive.errors import UsageError
from bridge.cli.common import command, leave, result, say, shared_options


@command("run")
@click.option("--once", is_flag=True, help="Do what is due now, and end (for timers).")
def run(once: bool) -> None:
    """
    Harvest, publish and verify on the schedule of config.yaml, until it is stopped.

    A run that was missed while the computer slept is made up once. What fails, or needs you, reaches you by the
    messages of config.yaml. Nothing new goes live without you unless you chose that (schedule: publish: unattended).
    """
    from bridge import unattended
    from bridge.cli.opened import opened

    session = opened()
    if not session.config.schedule.model_dump(exclude_none=True):
        raise UsageError(
            "config.yaml has no schedule yet.",
            code="no-schedule",
            unchanged="Nothing was run.",
            mend='Add, for example:  schedule: {harvest: {daily: "03:30"}}',
        )
    say("Running on the schedule of config.yaml; stop it with Ctrl-C." if not once else "Doing what is due.")
    code = unattended.run(session, once=once, say=say)
    result({"ok": code == 0}, "")
    leave(code)


@click.group("schedule")
@shared_options
def schedule() -> None:
    """Install, show or remove the timer of this computer (systemd or cron; launchd and Windows come later)."""


@schedule.command("install")
@shared_options
@click.option("--kind", type=click.Choice(["systemd", "cron"]), help="Which one (default: what this system has).")
def install(kind: str | None) -> None:
    """Let this computer call `keepfolio run --once` every hour; what is due is done."""
    from bridge import timers
    from bridge.cli.opened import opened

    chosen: timers.Kind | None = "systemd" if kind == "systemd" else "cron" if kind == "cron" else None
    timer = timers.install(opened().workspace, chosen)
    lines = [f"Installed: {timer.where} ({timer.kind}).", *timer.notes, "Remove it with: keepfolio schedule remove"]
    result({"ok": True, "kind": timer.kind, "where": timer.where, "notes": list(timer.notes)}, "\n".join(lines))


@schedule.command("show")
@shared_options
def show() -> None:
    """Show the installed timer, and what runs next."""
    from bridge import schedule as plan
    from bridge import timers, views
    from bridge.cli.opened import opened
    from bridge.session import now

    session = opened()
    found = timers.installed(session.workspace)
    runs = plan.next_runs(session.config, now(), plan.read_state(session.workspace))
    lines = [f"{timer.kind}: {timer.where}" for timer in found] or ["No timer is installed."]
    zone = session.config.zone
    lines += [f"next {r.job}: {views.day(r.at, session.config.timezone)}, {r.at.astimezone(zone):%H:%M}" for r in runs]
    value = {"timers": [{"kind": t.kind, "where": t.where} for t in found], "next_runs": [r.to_json() for r in runs]}
    result(value, "\n".join(lines))


@schedule.command("remove")
@shared_options
def remove() -> None:
    """Remove the timer of this workspace."""
    from bridge import timers
    from bridge.cli.opened import opened

    found = timers.remove(opened().workspace)
    lines = [f"Removed: {timer.where}" for timer in found] or ["No timer was installed."]
    result({"ok": True, "removed": [t.where for t in found]}, "\n".join(lines))
