// Says each second that it is over. A worker of the page, because browsers leave a worker's
// timers alone while the page is hidden.

setInterval(() => postMessage(0), 1000);
