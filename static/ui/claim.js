// The claim page of an offer nearby: ask the browser for the position when the button is pressed, then send the form.

for (const form of document.querySelectorAll('form[data-locate]')) {
  const status = form.querySelector('[data-status]');
  const button = form.querySelector('button');
  let found = false;

  const tell = (text, tone) => {
    status.textContent = text;
    status.classList.toggle('error-text', tone === 'error');
    status.classList.toggle('muted', tone !== 'error');
  };

  const failed = (error) => {
    button.disabled = false;
    tell(error && error.code === 1 ? form.dataset.refused : form.dataset.failed, 'error');
  };

  const send = ({ coords }) => {
    found = true;
    form.elements.latitude.value = coords.latitude;
    form.elements.longitude.value = coords.longitude;
    button.disabled = false;
    form.requestSubmit();
  };

  form.addEventListener('submit', (event) => {
    if (found) return;
    event.preventDefault();
    if (!navigator.geolocation) {
      failed();
      return;
    }
    button.disabled = true;
    tell(form.dataset.looking);
    navigator.geolocation.getCurrentPosition(send, failed, { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 });
  });

  // Coming back by the Back button finds the form as it was left.
  addEventListener('pageshow', () => { found = false; });
}
