// Three players behind one face, so that each is asked the same things.
// `player.load(address)`, `.heights()`, `.choose(height)`, `.caption(language)`.

const video = document.querySelector("video");
const failures = [];
window.player = null;

const event = (name) => new Promise((done) => video.addEventListener(name, done, { once: true }));

// What shaka-player makes of the captions. Its own displayers lose cues on a busy machine: one loads
// an empty file into the <track> it has filled, the other draws nothing new while paused.
class Cues {
  #all = [];
  #visible = false;
  append(cues) {
    this.#all.push(...cues);
  }
  remove(from, to) {
    this.#all = this.#all.filter((cue) => cue.endTime <= from || cue.startTime >= to);
    return true;
  }
  at(second) {
    return this.#visible ? this.#all.filter((cue) => cue.startTime <= second && second < cue.endTime).map((cue) => cue.payload) : [];
  }
  isTextVisible() {
    return this.#visible;
  }
  setTextVisibility(on) {
    this.#visible = on;
  }
  configure() {}
  setTextLanguage() {}
  async destroy() {}
}

const players = {
  async hls(address, token) {
    const hls = new Hls({
      enableWorker: false,
      xhrSetup(xhr, url) {
        if (!token || !new URL(url, location.href).pathname.endsWith("/key")) return;
        if (xhr.readyState === XMLHttpRequest.UNSENT) xhr.open("GET", url, true);
        xhr.setRequestHeader("Authorization", token);
      },
    });
    hls.on(Hls.Events.ERROR, (_, error) => {
      if (error.fatal) failures.push(`${error.details} ${error.error?.message}`);
    });
    const parsed = new Promise((done) => hls.once(Hls.Events.MANIFEST_PARSED, done));
    hls.loadSource(address);
    hls.attachMedia(video);
    await parsed;
    return {
      heights: () => hls.levels.map((level) => level.height),
      choose: (height) => (hls.nextLevel = hls.levels.findIndex((level) => level.height === height)),
      caption(language) {
        hls.subtitleDisplay = true;
        hls.subtitleTrack = hls.subtitleTracks.findIndex((track) => track.lang === language);
      },
    };
  },

  async shaka(address) {
    shaka.polyfill.installAll();
    const player = new shaka.Player();
    const cues = new Cues();
    player.configure("textDisplayFactory", () => cues);
    window.shownCues = () => cues.at(video.currentTime);
    player.addEventListener("error", (error) => failures.push(`shaka ${error.detail.code} ${error.detail.data}`));
    await player.attach(video);
    await player.load(new URL(address, location.href).href);
    return {
      heights: () => player.getVideoTracks().map((track) => track.height),
      choose(height) {
        player.configure("abr.enabled", false);
        player.selectVideoTrack(player.getVideoTracks().find((track) => track.height === height), true);
      },
      caption: (language) => player.selectTextTrack(player.getTextTracks().find((track) => track.language === language)),
    };
  },

  async native(address) {
    video.addEventListener("error", () => failures.push(`native ${video.error.message}`));
    const loaded = event("loadedmetadata");
    video.src = address;
    await loaded;
    return {
      heights: () => [],
      choose() {},
      caption(language) {
        for (const track of video.textTracks) track.mode = track.language === language ? "showing" : "disabled";
      },
    };
  },
};

// Nobody awaits this: a page that never gets its stream must not hold the test for ever.
window.begin = (kind, address, token) => {
  players[kind](address, token).then(
    (player) => (window.player = player),
    (error) => failures.push(String(error)),
  );
};
window.failures = failures;
window.shownCues = () =>
  [...video.textTracks]
    .filter((track) => track.mode !== "disabled")
    .flatMap((track) => [...(track.activeCues ?? [])].map((cue) => cue.text));
