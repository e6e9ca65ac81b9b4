"""A synthetic Mandarin voice for the demonstration lecture, from the espeak-ng in a wheel.

Runs as a process of its own (`python -m backend.demo.speech OUT.wav`, text on standard input): the
library keeps global state, and a crash in it must not take the caller along.
"""

import ctypes
import subprocess
import sys
import wave
from pathlib import Path

# From espeak-ng's speak_lib.h.
_AUDIO_OUTPUT_SYNCHRONOUS = 2
_CHARS_UTF8 = 1
_RATE_PARAMETER = 1
_WORDS_PER_MINUTE = 165
_SAMPLES = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class NoVoice(RuntimeError):
    """The speech synthesiser failed; the demonstration lecture cannot be made."""


def speak(text: str, out: Path) -> float:
    """Write `text` as a mono WAV file and return its length in seconds."""
    done = subprocess.run(
        [sys.executable, "-m", "backend.demo.speech", str(out)],
        input=text.encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise NoVoice(done.stderr.decode(errors="replace")[-400:])
    with wave.open(str(out), "rb") as sound:
        return sound.getnframes() / sound.getframerate()


def _synthesise(text: str) -> tuple[bytes, int]:
    import espeakng_loader

    engine = ctypes.CDLL(espeakng_loader.get_library_path())
    data = espeakng_loader.get_data_path().encode()
    rate = engine.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, 0, data, 0)
    if rate <= 0 or engine.espeak_SetVoiceByName(b"cmn"):
        raise NoVoice(NoVoice.__doc__)
    heard = bytearray()

    def collect(samples: "ctypes._Pointer[ctypes.c_short]", count: int, _: object) -> int:
        if samples and count > 0:
            heard.extend(ctypes.string_at(samples, count * 2))
        return 0

    callback = _SAMPLES(collect)  # kept in a name: the library calls it later
    engine.espeak_SetSynthCallback(callback)
    engine.espeak_SetParameter(_RATE_PARAMETER, _WORDS_PER_MINUTE, 0)
    said = text.encode()
    engine.espeak_Synth(said, len(said) + 1, 0, 0, 0, _CHARS_UTF8, None, None)
    return bytes(heard), rate


def main() -> None:
    samples, rate = _synthesise(sys.stdin.buffer.read().decode())
    with wave.open(sys.argv[1], "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(samples)


if __name__ == "__main__":
    main()
