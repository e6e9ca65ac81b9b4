"""What somebody who signs up in a test has read and agreed to: the notices as they are now."""

from backend.privacy_notices import needed_for_account

AGREED = [{"purpose": n.purpose.value, "version": n.version} for n in needed_for_account()]
