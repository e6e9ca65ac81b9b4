/** Shapes of the API that these pages read; the whole is in /openapi.json. */

export type Span = [from: number, to: number];

export interface Title {
  zh: string;
  en: string;
}

export interface Person {
  id: string;
  name: string;
  roles: string[];
  /** Mine as well, once this session has seen a second factor. */
  rolesWaiting: string[];
  secondFactor: { enrolled: boolean; methods: string[] };
  identity: { verified: boolean };
  demonstration: boolean;
}

export interface LessonState {
  code: string;
  title: Title;
  state: "open" | "watched" | "complete";
  watchedSeconds: number;
  /** null while the lesson has no lecture yet. */
  durationSeconds: number | null;
  /** What is missing, in words; null once its rule is met. */
  whyNot?: Title | null;
  /** Another module comes first. */
  locked: { module: string; words: Title } | null;
}

export interface Electives {
  askedSeconds: number;
  earnedSeconds: number;
  missingSeconds: number;
  lessons: LessonState[];
}

export interface Enrolment {
  id: string;
  programme: string;
  title: Title;
  edition: string;
  hours: { earnedSeconds: number; requiredSeconds: number };
  /** The compulsory ones. */
  lessons: LessonState[];
  electives: Electives[];
  exam: { open: boolean; whyNot: Title | null };
  editionNote: EditionNote | null;
  /** The calendar year it is for, of a yearly programme. */
  period: string | null;
  round: number;
  anew: Anew | null;
}

/** Why enrolling again begins anew. */
export type Anew = "year" | "revoked";

export interface EditionNote {
  kind: "may-stay" | "came-along" | "left";
  edition: string;
  note: Title;
  lessons: { code: string; fate: "kept" | "again" | "lost"; changed: Title[] }[];
}

export interface Programme {
  code: string;
  title: Title;
  classHours: number;
  /** Codes of programmes whose record comes first. */
  requires: string[];
  open: boolean;
  whyNotOpen?: Title | null;
  demonstration: boolean;
}

export interface PlaySession {
  id: string;
  durationSeconds: number;
  playlistUrl: string;
  posterUrl: string | null;
  storyboardUrl: string;
  heartbeatSeconds: number;
  minRate: number;
  maxRate: number;
  watched: Span[];
  furthestSecond: number;
  resumeSecond: number;
  /** Seconds that the text must still be open, by the lesson's rule. */
  readingSeconds: number;
}

export interface Reading {
  readSeconds: number;
  neededSeconds: number;
  againInSeconds: number;
}

export interface DownloadFile {
  name: string;
  url: string;
  size: number;
  sha256: string;
  contentType: string;
  role: "offline" | "poster" | "captions";
}

export interface DownloadManifest {
  learner: string;
  enrolment: string;
  lesson: string;
  lecture: string;
  durationSeconds: number;
  expiresAt: string;
  files: DownloadFile[];
  /** null: watching it earns nothing. */
  lease: TakenLease | null;
}

export interface TakenLease {
  id: string;
  issuedAt: string;
  expiresAt: string;
  ratePercent: number;
  answerSeconds: number;
  checks: TakenCheck[];
}

/** A presence check to be asked offline; which option is right stays on the server. */
export interface TakenCheck {
  number: number;
  afterSeconds: number;
  zh: string;
  en: string;
  options: Option[];
}

/** [fromSecond, toSecond) was played, by this page's monotonic clock. */
export interface WatchedOffline {
  id: string;
  leaseId: string;
  check: number;
  fromSecond: number;
  toSecond: number;
  bootId: string;
  fromMs: number;
  toMs: number;
}

export interface AnsweredOffline {
  id: string;
  leaseId: string;
  check: number;
  option: string;
  bootId: string;
  shownMs: number;
  answeredMs: number;
}

export type OfflineReason = Reason | "check-missed" | "after-its-check" | "longer-than-its-check" | "lease-ended";

export interface SyncVerdicts {
  watched: {
    id: string | null;
    verdict: Verdicts["verdicts"][number]["verdict"];
    creditedSeconds: number;
    reason?: OfflineReason | null;
  }[];
  answered: { id: string | null; outcome: "passed" | "missed" | null }[];
}

/** Of `GET /v1/sync`, what these pages use. */
export interface Changes {
  cursor: string;
  lessons?: { enrolmentId: string; lesson: string; lectureId: string; watched: string; pending: string }[];
  leases?: { id: string; enrolmentId: string; revokedAt: string | null }[];
}

export interface Heartbeat {
  id: string;
  playSessionId: string;
  fromSecond: number;
  toSecond: number;
}

export type Reason =
  | "faster-than-time"
  | "daily-cap"
  | "session-taken-over"
  | "session-expired"
  | "edition-left"
  | "not-playing"
  | "not-stored"
  | "not-found"
  | "seek-ahead"
  | "beyond-the-end"
  | "empty-range"
  | "malformed";

export interface Verdicts {
  verdicts: {
    id: string;
    verdict: "credited" | "duplicate" | "capped" | "stale" | "challenge-due" | "refused";
    creditedSeconds: number;
    reason?: Reason | null;
  }[];
  lessons: {
    code: string;
    watchedSeconds: number;
    /** Of these, how many wait for a presence check. */
    pendingSeconds: number;
    durationSeconds: number;
    complete: boolean;
  }[];
  /** The check that is open: nothing more counts before it is answered. */
  presenceCheck: string | null;
}

export interface PresenceCheck {
  id: string;
  lesson: string;
  state: "open" | "passed" | "missed";
  question: { stem: Title; options: Option[] } | null;
  secondsLeft: number;
  triesLeft: number;
  lost: { lesson: string; fromSecond: number; seconds: number }[];
}

export interface Option {
  id: string;
  text: string;
}

export interface Question {
  id: string;
  kind: "single" | "multiple" | "true-false";
  stem: string;
  options: Option[];
}

export interface CheckResult {
  passed: boolean;
  results: Record<string, { correct: boolean; explanation: string | null }>;
}

export interface MyRecord {
  id: string;
  state: "due" | "waiting-for-identity" | "quarantined" | "issued" | "suspended" | "revoked" | "superseded";
  whyWaiting: string | null;
  programme: string;
  title: Title;
  edition: string;
  period: string | null;
  round: number;
  demonstration: boolean;
  number: string | null;
  code: string | null;
  issuedAt: string | null;
  validUntil: string | null;
  expired: boolean;
  url: string | null;
  /** Of what was decided about it last. */
  decidedAt: string | null;
  reason: string | null;
  reviewBy: string | null;
  supersededBy: string | null;
  /** Of one asked for alone. */
  holder: string | null;
  appealsTo: string | null;
}

export interface Said {
  code: string;
  message: Title;
}

export interface Lecture {
  id: string;
  title: string;
  state: "uploading" | "queued" | "processing" | "playable" | "failed";
  step: string | null;
  percent: number;
  /** null before there is a basis for it. */
  remainingSeconds: number | null;
  /** How many lectures come first while this one is queued. */
  behind: number | null;
  /** What a machine lacks while the work stands still; it goes on by itself. */
  waiting: Said | null;
  failure: Said | null;
  retryable: boolean;
  degraded: { part: string; message: Title }[];
  /** What players would rather have; the lecture plays all the same. */
  advice: { rule: string; message: Title }[];
  wishes: { av1: boolean; encrypt: boolean };
  renditions: { name: string }[];
  sharedContent: boolean;
  durationSeconds: number | null;
}

export interface LectureList {
  items: Lecture[];
  nextCursor: string | null;
}

export interface Captions {
  language: string;
  label: string;
  origin: "upload" | "file" | "recognised";
  cues: number;
}

export interface CaptionsTaken extends Captions {
  /** Not where the very same captions were there already. */
  changed: boolean;
  /** What was mended or left out. */
  remarks: { code: string; count: number; message: Title }[];
}

export interface CaptionsList {
  items: Captions[];
  /** Languages. */
  recognising: string[];
  notRecognised: (Said & { language: string; label: string })[];
  /** Whether there is a recogniser to ask. */
  recogniser: boolean;
}

export interface Counts {
  done: number;
  underWay: number;
  late: number;
  lateNotStarted: number;
  notStarted: number;
}

export interface MonthHours {
  /** `2026-03` */
  month: string;
  seconds: number;
}

export interface Assignment {
  id: string;
  programme: string;
  title: Title;
  compulsory: boolean;
  audience: "everyone" | "departments" | "members";
  departments: string[];
  members: number;
  dueOn: string | null;
  dueDays: number | null;
}

export interface MyAssignment {
  id: string;
  organisation: string;
  programme: string;
  title: Title;
  compulsory: boolean;
  dueOn: string | null;
  state: "done" | "late" | "under-way" | "not-started";
}

export interface Dashboard {
  /** null until it was worked out for the first time. */
  asAt: string | null;
  refreshing: boolean;
  people: number;
  expected: number;
  overall: Counts;
  assignments: { assignment: Assignment; counts: Counts }[];
  departments: { id: string | null; name: string | null; counts: Counts; seconds: number }[];
  months: MonthHours[];
}

export interface MemberStanding {
  membershipId: string;
  name: string | null;
  contact: string | null;
  department: string | null;
  state: MyAssignment["state"];
  dueOn: string | null;
  doneOn: string | null;
}

export interface MyOrganisation {
  id: string;
  code: string;
  name: string;
  kind: string;
  state: "declared" | "confirmed" | "refused";
  position: "member" | "manager";
}

export interface Department {
  id: string;
  parentId?: string;
  depth: number;
  name: string;
}

export interface Member {
  id: string;
  personId: string;
  name: string;
  contact?: string;
  departmentId?: string;
  duty?: string;
  position: "member" | "manager";
  joinedAt: string;
}

/** An open invitation, as its organisation sees it. */
export interface Invited {
  id: string;
  contact?: string;
  expiresAt: string;
}

export interface JoinCode {
  code?: string;
}

export interface JoinRequest {
  id: string;
  name: string;
  askedAt: string;
}

export interface ImportFault {
  row: number;
  column: Title;
  problem: Title;
  cell?: string;
}

/** An invitation that names an address of mine. */
export interface Offer {
  id: string;
  organisation: string;
  confirmed: boolean;
  position: "member" | "manager";
  expiresAt: string;
}

/** What the link of an invitation shows to whoever holds it. */
export interface InvitationLink {
  stage: "open" | "used" | "declined" | "withdrawn" | "expired";
  organisation: string;
  code: string;
  confirmed?: boolean;
  department?: string;
  position: "member" | "manager";
  contact?: string;
  expiresAt: string;
}

export interface StaffImport {
  id: string;
  state: "uploaded" | "checking" | "checked" | "applying" | "applied" | "refused" | "cancelled";
  percent: number;
  rows: number;
  good: number;
  bad: number;
  known: number;
  newDepartments: number;
  refused?: Title;
}

export interface NextStep {
  step: "resume" | "lesson" | "exam" | "enrol";
  programme: string;
  enrolmentId?: string;
  lesson?: string;
  title?: Title;
  resumeSecond?: number;
}

export interface HomeEnrolment {
  id: string;
  programme: string;
  title: Title;
  period: string | null;
  anew: Anew | null;
  percent: number;
  missing: Title | null;
  finished: boolean;
  dueOn: string | null;
  finishBy: string | null;
  overdue: boolean;
}

export interface Home {
  next: NextStep | null;
  enrolments: HomeEnrolment[];
  /** Asked of me by organisations, and not begun. */
  assignments: { programme: string; title: Title; organisation: string }[];
  hours: { year: number; seconds: number };
  unread: number;
  watching: { lesson: string; deviceId: string | null } | null;
}

export interface Notice {
  id: string;
  subject: Title;
  text: Title;
  link: string | null;
  at: string;
  read: boolean;
}

export interface NoticeList {
  items: Notice[];
  nextCursor: string | null;
  unread: number;
}

export interface NoticeChoice {
  email: boolean;
  sms: boolean;
}

export interface HoursEntry {
  id: string;
  kind: "awarded" | "correction";
  source: "online" | "offline" | "class-session";
  /** `2026-03-02` */
  countsOn: string;
  /** Already, and not from a later day on. */
  counts: boolean;
  seconds: number;
  /** Of a lesson's award, after its corrections. */
  leftSeconds: number | null;
  programme: string | null;
  edition: string | null;
  explanation: Title;
}

export interface HoursPage {
  items: HoursEntry[];
  totals: { countedSeconds: number; waitingSeconds: number };
  nextCursor: string | null;
}

export interface YearWindow {
  title: Title;
  standard: string;
  since: string;
  until: string;
  requiredSeconds: number;
  carriedSeconds: number;
  earnedSeconds: number;
  /** False while the figure waits for the course owner's word. */
  confirmed: boolean;
  /** Enrolled in what it is asked of. */
  obliged: boolean;
  explanation: Title;
}

/** What authors read of an edition: seconds asked for, there, and missing. */
export interface HoursOfRequirement {
  modules: string[];
  elective: boolean;
  askedSeconds: number;
  lessonsSeconds: number;
  classSeconds: number;
  missingSeconds: number;
  /** Lessons worth less than a quarter hour, where something is missing. */
  short: { code: string; worthSeconds: number; lectureSeconds: number | null; lectureNeededSeconds: number }[];
}

export interface HoursOfProgramme {
  programme: string;
  title: Title;
  missingSeconds: number;
  whyNotOpen: Title | null;
  requirements: HoursOfRequirement[];
}

export interface EditionHours {
  edition: string;
  programmes: HoursOfProgramme[];
}

/** A file of an organisation's printed records. */
export interface Prints {
  id: string;
  assignmentId: string;
  state: "waiting" | "printing" | "ready" | "failed";
  people: number;
  printed: number;
  size: number | null;
  expiresAt: string | null;
}
