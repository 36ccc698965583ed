// Says at once what is too large to send, and that sending goes on. The page works without it.
"use strict";

(() => {
  const form = document.getElementById("upload");
  const chosen = document.getElementById("files");
  const sending = document.getElementById("sending");
  const most = Number(form.dataset.mostBytes);

  form.addEventListener("submit", (event) => {
    const bytes = [...chosen.files].reduce((sum, file) => sum + file.size, 0);
    if (!chosen.files.length) {
      event.preventDefault();
      sending.textContent = "Choose a file first, then press Send.";
    } else if (bytes > most) {
      event.preventDefault();
      sending.textContent = `These files are ${Math.ceil(bytes / 1000000)} MB together. The most we can take at once is ${most / 1000000} MB. Please send fewer at a time.`;
    } else {
      sending.textContent = "Sending… Please keep this page open. It can take some minutes.";
    }
  });
})();
