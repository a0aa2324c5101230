"""Correction: EventBridge hears of alarms that change their state, as on AWS.

MiniStack tells their topics alone, so a rule on alarms would never match.
"""

import json
import time
import uuid
from types import ModuleType
from typing import Any

from infrastructure.local.emulator.guard import original, replace


def correct(cloudwatch: ModuleType, eventbridge: ModuleType, *, account: str, region: str) -> None:
    """Put an event on the default bus whenever an alarm acts."""
    act, dispatch = original(cloudwatch, "_dispatch_alarm_actions"), original(eventbridge, "_dispatch_event")

    def act_and_tell(alarm: dict[str, Any], before: str, after: str, reason: str) -> None:
        act(alarm, before, after, reason)
        detail = {
            "alarmName": alarm["AlarmName"],
            "state": {"value": after, "reason": reason},
            "previousState": {"value": before},
        }
        event = {
            "EventId": str(uuid.uuid4()),
            "Source": "aws.cloudwatch",
            "DetailType": "CloudWatch Alarm State Change",
            "Detail": json.dumps(detail),
            "EventBusName": "default",
            "Time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "Resources": [alarm["AlarmArn"]],
            "Account": account,
            "Region": region,
        }
        dispatch(event)

    replace(cloudwatch, "_dispatch_alarm_actions", act_and_tell)
