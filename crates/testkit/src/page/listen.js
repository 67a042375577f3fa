// Remembers what the page plays, since an element that plays need not be in the document.
// Runs as the body of a WebDriver script, before any call.

if (!window.playedByThePage) {
  window.playedByThePage = new Set();
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    // What was let go is not kept from being forgotten.
    const holds = (one) => one.srcObject || one.getAttribute("src");
    window.playedByThePage.forEach((one) => holds(one) || window.playedByThePage.delete(one));
    window.playedByThePage.add(this);
    return play.call(this);
  };
}
