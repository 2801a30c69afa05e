// Loaded before anything is painted: what is tapped before the page's own script is there is not lost.
document.addEventListener("click", (event) => {
  const here = event.target.closest("#here");
  if (here) here.dataset.tapped = "";
});
document.addEventListener("change", ({ target }) => {
  if (target.form && target.id !== "q") target.form.dataset.changed = "";
});
