// A picture from the camera: in the page where the browser lets it, else by the system's own.

const find = (id) => document.getElementById(id);

function stop() {
  for (const track of find("video").srcObject?.getTracks() ?? []) track.stop();
  find("video").srcObject = null;
}

function frame(video) {
  const canvas = document.createElement("canvas");
  const side = Math.min(video.videoWidth, video.videoHeight); // the square that the viewfinder shows
  canvas.width = canvas.height = side;
  canvas.getContext("2d").drawImage(video, (side - video.videoWidth) / 2, (side - video.videoHeight) / 2);
  return canvas;
}

// Calls `taken(canvas)`, or `elsewhere()` where there is no camera for pages.
export async function openCamera(taken, elsewhere) {
  const [dialog, video] = [find("viewfinder"), find("video")];
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    elsewhere();
    return;
  }
  dialog.onclose = stop;
  find("cancel").onclick = () => dialog.close();
  find("take").onclick = () => {
    if (!video.videoWidth) return;
    taken(frame(video));
    dialog.close();
  };
  dialog.showModal();
  await video.play();
}
