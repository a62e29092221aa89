"""An activity as an .ics file for the phone's calendar."""

from __future__ import annotations

import datetime as dt

from icalendar import Alarm, Calendar, Event

from pointsbank.activities.models import Activity, ActivityState, Occurrence
from pointsbank.core import clock


def ics(activity: Activity, occurrences: list[Occurrence], address: str) -> bytes:
    """A calendar with one event an occurrence and a reminder an hour before. ``address`` is the activity's page."""
    calendar = Calendar()
    calendar.add("prodid", "-//PointsBank//activities//ZH")
    calendar.add("version", "2.0")
    for occurrence in occurrences:
        event = Event()
        # The same uid each time: downloading again updates the entry instead of adding a second one.
        event.add("uid", f"occurrence-{occurrence.id}@pointsbank")
        event.add("dtstamp", clock.now())
        event.add("dtstart", clock.local(occurrence.starts_at))
        event.add("dtend", clock.local(occurrence.ends_at))
        event.add("summary", activity.title)
        if activity.place:
            event.add("location", activity.place)
        event.add("description", "\n".join(part for part in (activity.text, address) if part))
        event.add("url", address)
        event.add("status", "CANCELLED" if activity.state is ActivityState.CANCELLED else "CONFIRMED")
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", activity.title)
        alarm.add("trigger", dt.timedelta(hours=-1))
        event.add_component(alarm)
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical()
