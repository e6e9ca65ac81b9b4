from piccolo.columns import UUID, Date, Timestamptz, Varchar
from piccolo.table import Table


class LearningPlan(Table):
    """The day by which a learner wants to be through with an enrolment. China's day."""

    enrolment_id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False, index=True)
    finish_by = Date(default=None, null=False, index=True)
    set_at = Timestamptz(default=None, null=False)


class ReminderRound(Table):
    """How far reminders have gone through one list of people today. Only saves work: notices
    themselves know what was told."""

    list_id = UUID(primary_key=True, default=None, null=False)
    """An organisation's id, or a constant of ours."""
    day = Date(default=None, null=False)
    after = UUID(default=None, null=True)
    """The last row done; None: the list is done for the day."""
    seen = Varchar(length=80, default="", null=False)
    """The newest assignment and member there were; others make it begin anew."""
    began_at = Timestamptz(default=None, null=False)
