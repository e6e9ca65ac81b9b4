/** Home and every page that needs only the header. */

import { header } from "./session.ts";

void header();
