// What was typed into the one field of the sign-up page: the rules of `login.ts`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inLanguage, loginOf } from "../../../../backend/web/frontend/src/login.ts";

for (const typed of ["13800138000", "138 0013 8000", "+86 138-0013-8000", "１３８００１３８０００", "138001"])
  test(`${typed} is meant as a phone number`, () => assert.ok("phone" in loginOf(typed)));

for (const typed of ["li@example.org", "li＠example.org", "13800138000@139.com", "li", "1l800138000"])
  test(`${typed} is meant as an e-mail address`, () => assert.ok("email" in loginOf(typed)));

test("spaces around it and full-width signs are not sent", () => {
  assert.deepEqual(loginOf(" li＠example.org "), { email: "li@example.org" });
});

test("a hint in both languages is shown in the reader's", () => {
  assert.equal(inLanguage("11 位数字 / 11 digits", "zh"), "11 位数字");
  assert.equal(inLanguage("11 位数字 / 11 digits", "en"), "11 digits");
  assert.equal(inLanguage("缺少此项", "en"), "缺少此项");
});
