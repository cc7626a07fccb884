"use strict";
// Plays exactly a stretch of a clip, and shows where it is.

const player = {media: null, item: null, until: 0, playing: false};

function clipOf(item) {
  if (!item.clip) return null;
  return byId(item.kind === "video" ? "video" : "audio");
}

function loadClip(item) {
  stopPlaying();
  const media = clipOf(item);
  for (const one of [byId("audio"), byId("video")]) {
    if (one !== media && one.hasAttribute("src")) {
      one.removeAttribute("src");
      one.load();
    }
  }
  player.media = media;
  player.item = item;
  if (!media) return;
  media.src = item.clip;
  media.currentTime = item.begins;
}

async function playClip(item, withContext) {
  const media = player.media;
  if (!media || player.item !== item) return;
  const from = withContext ? 0 : item.begins;
  player.until = withContext ? item.length : item.ends;
  player.playing = true;
  byId("play").firstChild.textContent = "Stop ";
  try {
    // nothing is waited for before play(): phones let it begin in the very moment of the touch only
    if (media.currentTime !== from) media.currentTime = from;
    await media.play();
    if (player.playing && player.item === item) requestAnimationFrame(watch);
  } catch (error) {
    stopPlaying();
    if (error.name !== "AbortError") warn(`${item.name}: this browser cannot play its clip (${error.message || error.name}).`);
  }
}

// Looks at every picture of the screen, and shortly before the end by a timer, which is finer.
function watch() {
  const media = player.media;
  if (!player.playing || !media) return;
  const left = player.until - media.currentTime;
  if (left <= 0 || media.ended) return stopPlaying();
  showCursor(media.currentTime);
  if (left < 0.025) setTimeout(watch, Math.max(0, left * 1000 - 1));
  else requestAnimationFrame(watch);
}

function stopPlaying() {
  const media = player.media;
  if (media && player.playing) {
    media.pause();
    document.body.dataset.stopped = media.currentTime;
  }
  player.playing = false;
  byId("play").firstChild.textContent = "Play ";
  byId("cursor").hidden = true;
}

function togglePlaying(item, withContext) {
  if (player.playing) stopPlaying();
  else playClip(item, withContext);
}

function showCursor(time) {
  const cursor = byId("cursor");
  cursor.hidden = !drawnSound(player.item);
  cursor.style.left = `${100 * time / player.item.length}%`;
}

// A spectrogram is on the stage: of a sound, or of what is heard in a video.
function drawnSound(item) {
  return item && (item.kind === "sound" || item.spectrogram);
}

byId("audio").addEventListener("timeupdate", () => { if (document.hidden) watch(); });
byId("video").addEventListener("timeupdate", () => { if (document.hidden) watch(); });
