#!/bin/sh
# Makes the films and sounds in files/ anew, with ffmpeg 5.1: a second and a half each, of a test picture and a tone.
# Their facts are in facts.rs. Bytes differ from one version of ffmpeg to the next; what the files tell does not.
set -eu
cd "$(dirname "$0")/files"
make() { ffmpeg -nostdin -hide_banner -loglevel error -y "$@"; }
picture="-f lavfi -i testsrc=size=96x64:rate=20:duration=1.5"
tone="-f lavfi -i sine=frequency=440:sample_rate=48000:duration=1.5"
plain="-fflags +bitexact -map_metadata -1 -metadata title=Kite"
h264="-c:v libx264 -preset veryslow -crf 40 -pix_fmt yuv420p"

make $picture $tone $h264 -c:a aac -b:a 24k -ac 2 $plain film.mp4
make $picture $tone $h264 -c:a aac -b:a 24k $plain -movflags frag_keyframe+empty_moov+default_base_moof fragments.mp4
make $picture $h264 $plain upright.tmp.mp4
make -i upright.tmp.mp4 -c copy -metadata:s:v rotate=90 $plain upright.mov
make $tone -c:a aac -b:a 24k $plain sound.m4a
make $picture $tone -c:v libvpx-vp9 -crf 60 -b:v 0 -c:a libopus -b:a 16k $plain film.webm
make $picture $tone $h264 -c:a libvorbis -q:a 0 $plain film.mkv
# As a browser's recorder writes it: no length is known in advance.
make $picture -c:v libvpx -crf 60 -b:v 20k $plain -live 1 -f webm pipe:1 | cat > recorded.webm
make $tone -c:a libmp3lame -b:a 32k $plain sound.mp3
make $tone -c:a pcm_s16le -ar 8000 $plain sound.wav
make $tone -c:a flac -ar 8000 $plain sound.flac
make $tone -c:a libvorbis -q:a 0 $plain sound.ogg
make $tone -c:a libopus -b:a 16k $plain sound.opus
rm upright.tmp.mp4
