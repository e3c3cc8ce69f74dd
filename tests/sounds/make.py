"""Makes the sound files beside it: needs the Python package `av` (PyAV)."""
import array
import math
from fractions import Fraction
from pathlib import Path

import av

SECONDS = 1.0
HERE = Path(__file__).parent


def tone(layout, rate):
    """440 Hz at half of full scale."""
    count = int(rate * SECONDS)
    samples = array.array(
        "h", (int(16383 * math.sin(2 * math.pi * 440 * i / rate)) for i in range(count))
    )
    for at in range(0, count, 960):
        part = samples[at : at + 960]
        if layout == "stereo":
            part = array.array("h", (s for s in part for _ in range(2)))
        frame = av.AudioFrame(format="s16", layout=layout, samples=len(samples[at : at + 960]))
        frame.planes[0].update(part.tobytes())
        frame.sample_rate = rate
        frame.pts = at
        frame.time_base = Fraction(1, rate)
        yield frame


def write(name, codec, bit_rate=None, layout="mono", video=False, container=None, rate=48000):
    with av.open(str(HERE / name), "w", format=container) as out:
        picture = None
        if video:
            picture = out.add_stream("libx264", rate=10)
            picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        sound = out.add_stream(codec, rate=rate)
        sound.layout = layout
        sound.codec_context.options = {"strict": "experimental"}
        if bit_rate:
            sound.bit_rate = bit_rate
        if picture:
            for n in range(int(10 * SECONDS)):
                frame = av.VideoFrame(64, 48, "rgb24")
                frame.planes[0].update(bytes([200, 60, 40]) * (frame.planes[0].line_size * 48 // 3))
                frame.pts = n
                frame.time_base = Fraction(1, 10)
                out.mux(picture.encode(frame))
            out.mux(picture.encode(None))
        resample = av.AudioResampler(
            format=sound.format, layout=layout, rate=rate, frame_size=sound.codec_context.frame_size or 0
        )
        for frame in tone(layout, rate):
            for ready in resample.resample(frame):
                out.mux(sound.encode(ready))
        for ready in resample.resample(None):
            out.mux(sound.encode(ready))
        out.mux(sound.encode(None))


write("tone.wav", "pcm_u8", rate=8000)
write("tone.mp3", "libmp3lame", 32000)
write("tone.flac", "flac", rate=16000)
write("tone.opus", "libopus", 24000, container="ogg")
write("stereo.opus", "libopus", 32000, layout="stereo", container="ogg")
write("tone.ogg", "vorbis", layout="stereo")
write("tone.m4a", "aac", 32000, container="ipod")
write("film.mp4", "aac", 32000, video=True)


def film(name, sound, video=None):
    """The sound of another file as it is, in another container, with a red picture if there is a codec."""
    with av.open(str(HERE / sound)) as source, av.open(str(HERE / name), "w") as out:
        picture = None
        if video:
            picture = out.add_stream(video, rate=10)
            picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        track = out.add_stream_from_template(source.streams.audio[0])
        if picture:
            for n in range(int(10 * SECONDS)):
                frame = av.VideoFrame(64, 48, "rgb24")
                frame.planes[0].update(bytes([200, 60, 40]) * (frame.planes[0].line_size * 48 // 3))
                frame.pts = n
                frame.time_base = Fraction(1, 10)
                out.mux(picture.encode(frame))
            out.mux(picture.encode(None))
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = track
                out.mux(packet)


film("film.webm", "tone.opus", "libvpx")
film("vorbis.webm", "tone.ogg")
film("flac.mkv", "tone.flac")
film("mp3.mkv", "tone.mp3")
film("aac.mkv", "tone.m4a")
film("pcm.mkv", "tone.wav")
film("film.avi", "tone.mp3", "mpeg4")
film("pcm.avi", "tone.wav")
