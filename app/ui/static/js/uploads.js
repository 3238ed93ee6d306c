// Files dropped on a form with data-upload, or chosen in it, are sent one by one, each with its progress. The answer is
// the list that stands in the element named by data-upload. Without this script the form is sent as a whole.

function line(form, file) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  const bar = document.createElement("progress");
  const word = document.createElement("span");
  name.textContent = file.name;
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  word.className = "quiet";
  item.append(name, bar, word);
  form.querySelector(".upload-list").append(item);
  return { bar, word, item };
}

function tell({ bar, word, item }, text, good) {
  bar.hidden = true;
  word.textContent = text;
  item.className = good ? "tone-good" : "tone-bad";
}

function send(form, file) {
  const shown = line(form, file);
  if (file.size > Number(form.dataset.limit)) {
    tell(shown, form.dataset.tooLarge, false);
    return Promise.resolve(false);
  }
  const data = new FormData(form);
  data.delete("file");
  data.append("file", file, file.name);
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) shown.bar.value = event.loaded / event.total;
    });
    request.addEventListener("loadend", () => {
      if (request.status === 200) {
        document.getElementById(form.dataset.upload).innerHTML = request.responseText;
        tell(shown, form.dataset.done, true);
      } else {
        const answer = new DOMParser().parseFromString(request.responseText, "text/html").body;
        const told = answer.querySelector("p") ?? answer;
        tell(shown, told.textContent.replace(/\s+/g, " ").trim() || form.dataset.failed, false);
      }
      resolve(request.status === 200);
    });
    request.send(data);
  });
}

// What was said belongs to the files that were sent with it, not to the next.
async function sendAll(form, files) {
  let kept = true;
  for (const file of files) kept = (await send(form, file)) && kept;
  for (const input of form.querySelectorAll("input[type=file]")) input.value = "";
  if (kept) for (const input of form.querySelectorAll("input[type=text]")) input.value = "";
}

// A file of which no picture can be made has its icon instead.
function withoutPicture(image) {
  const icon = document.createElement("i");
  icon.className = "ti ti-file";
  icon.setAttribute("aria-hidden", "true");
  image.replaceWith(icon);
}

const PICTURE = ".evidence-picture img";
document.addEventListener(
  "error",
  (event) => {
    if (event.target.matches?.(PICTURE)) withoutPicture(event.target);
  },
  true,
);
for (const image of document.querySelectorAll(PICTURE)) if (image.complete && !image.naturalWidth) withoutPicture(image);

for (const form of document.querySelectorAll("form[data-upload]")) {
  form.addEventListener("change", (event) => {
    if (event.target.type === "file" && event.target.files.length) sendAll(form, [...event.target.files]);
  });
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("is-over");
  });
  form.addEventListener("dragleave", () => form.classList.remove("is-over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("is-over");
    sendAll(form, [...event.dataTransfer.files]);
  });
  form.querySelector("button:not([type])").hidden = true;
}
