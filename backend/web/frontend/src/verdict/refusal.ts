/** These bytes are not what they should be; the message says what is wrong. */
export class Refused extends Error {}

/** The claims of the token and those of the credential inside it say different things. */
export class ClaimsDisagree extends Refused {}
