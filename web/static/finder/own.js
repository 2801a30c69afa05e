// The page of a worker's own stations.
import { start } from "./offline.js";
import { fillSaved, saveFile, takeFile } from "./saved.js";
import { loadWords } from "./words.js";

const byId = (id) => document.getElementById(id);

async function begin() {
  await loadWords(byId("saved").dataset.words);
  const draw = () => fillSaved(byId("saved"), byId("none"));
  draw();
  byId("save-file").addEventListener("click", saveFile);
  byId("take-file").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    byId("file-said").textContent = await takeFile(file);
    event.target.value = "";
    draw();
  });
  window.addEventListener("storage", draw);
  start();
}

begin();
