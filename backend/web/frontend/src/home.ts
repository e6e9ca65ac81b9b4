/** Home and every page that needs only the header. */

import { maybeSignedIn } from "./api.ts";
import { header } from "./session.ts";

const begin = document.querySelector<HTMLAnchorElement>("#begin");
if (begin && maybeSignedIn()) begin.href = "/learn"; // who has been here needs no new account

void header();
