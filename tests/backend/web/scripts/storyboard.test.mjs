// Thumbnails for scrubbing: what `storyboard.ts` reads from a package's WebVTT.
import assert from "node:assert/strict";
import { test } from "node:test";
import { thumbnailAt, thumbnails } from "../../../../backend/web/frontend/src/storyboard.ts";

const BASE = "https://lessons.example/v1/playback/token/storyboard/index.vtt";
const VTT = `WEBVTT

00:00:00.000 --> 00:00:06.000
00001.jpg#xywh=0,0,160,90

00:00:06.000 --> 00:00:12.000
00001.jpg#xywh=160,0,160,90

01:00:00.000 --> 01:00:06.500
00002.jpg#xywh=0,90,160,90
`;

test("each cue is a part of a picture beside the file", () => {
  const found = thumbnails(VTT, BASE);
  assert.equal(found.length, 3);
  assert.deepEqual(found[1], {
    from: 6,
    to: 12,
    picture: "https://lessons.example/v1/playback/token/storyboard/00001.jpg",
    x: 160,
    y: 0,
    width: 160,
    height: 90,
  });
  assert.deepEqual([found[2].from, found[2].to], [3600, 3606.5]);
});

test("hours may be left out and lines may end as Windows ends them", () => {
  const found = thumbnails("WEBVTT\r\n\r\n01:02.500 --> 01:03.000\r\na.jpg#xywh=1,2,3,4\r\n", BASE);
  assert.deepEqual([found[0].from, found[0].to], [62.5, 63]);
});

test("a second shows the picture in which it lies, the end the last one", () => {
  const found = thumbnails(VTT, BASE);
  assert.equal(thumbnailAt(found, 0).x, 0);
  assert.equal(thumbnailAt(found, 6).x, 160);
  assert.equal(thumbnailAt(found, 99_999).y, 90);
  assert.equal(thumbnailAt([], 3), null);
});

test("what is no storyboard gives no pictures", () => {
  assert.deepEqual(thumbnails("WEBVTT\n\n00:00.000 --> 00:01.000\nwords\n", BASE), []);
});
