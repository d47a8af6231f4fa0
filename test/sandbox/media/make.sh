#!/bin/sh
# Makes the films and previews of this folder with ffmpeg (any version with libx264): two seconds
# of a moving test picture each, as small as the resolution allows. Run it here.
set -eu

film() { # name, size
	ffmpeg -loglevel error -y -f lavfi -i "testsrc=size=$2:rate=6:duration=2" \
		-c:v libx264 -preset veryslow -crf 44 -g 12 -pix_fmt yuv420p \
		-movflags +faststart -map_metadata -1 -fflags +bitexact "$1.mp4"
	ffmpeg -loglevel error -y -i "$1.mp4" -frames:v 1 -vf 'scale=iw/6:-2' -q:v 12 \
		-map_metadata -1 -fflags +bitexact "$1.jpg"
}

film 720p-landscape 1280x720
film 720p-portrait 720x1280
film 1080p-landscape 1920x1080
film 1080p-portrait 1080x1920
film 4k-landscape 3840x2160
film 4k-portrait 2160x3840
