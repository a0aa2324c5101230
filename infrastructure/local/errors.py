"""What can go wrong with the local cloud.

```
CloudError            the local cloud could not do what was asked; the message says what to do
├── NoCloud           none runs in this state folder
└── CloudRuns         one runs there already
```
"""


class CloudError(Exception):
    """The local cloud could not do what was asked; the message says what to do."""


class NoCloud(CloudError):
    """No local cloud runs in this state folder."""


class CloudRuns(CloudError):
    """A local cloud runs in this state folder already."""
