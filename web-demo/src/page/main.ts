import '@fontsource-variable/inter/opsz.css';
import '../styles/tokens.css';
import '../styles/base.css';
import '../styles/transcript.css';
import '../styles/dock.css';
import { rememberAccessKey, takeAccessKey } from './access-key';
import { Controls, type Stage } from './controls';
import { byId } from './dom';
import { errorMessage, insecureMessage, microphoneMessage } from './messages';
import { Meter } from './meter';
import { microphoneAllowedHere } from './microphone';
import { Notices } from './notices';
import { Recorder } from './recorder';
import { SoundControls } from './sound-controls';
import { SoundStage } from './sound-stage';
import { TranscriptActions } from './transcript-actions';
import { TranscriptBook } from './transcript-book';
import { TranscriptView } from './transcript-view';
import { WakeLock } from './wake-lock';

const HubUrl = new URL('./hubs/signaling', document.baseURI).href;
/** Longer than any healthy start: then say that no sound arrives. */
const UnconfirmedMs = 5000;

let accessKey = takeAccessKey(window.location, window.history, window.sessionStorage);
let unconfirmed = 0;

const notices = new Notices();
const sound = new SoundStage();
const meter = new Meter();
const book = new TranscriptBook();
const view = new TranscriptView();
const actions = new TranscriptActions(book, notices, redraw);
const controls = new Controls(toggle);
const soundControls = new SoundControls(() => void recorder.reopen());
const recorder = new Recorder(
  {
    stage: showStage,
    stats: (stats) => { controls.figures(stats); },
    session: (id, lost) => {
      book.begin(id, performance.now());
      if (lost) {
        hint('session', 'A new session began.', 'The server no longer knew the old one. What was written stays; a few words in between may be missing.', 10_000);
      }
    },
    turns: (client) => {
      book.update(client.transcript.turns);
      redraw();
    },
    microphone: (track) => {
      notices.dismiss('microphone');
      void soundControls.refresh(track);
      meter.start(() => recorder.level);
    },
    microphoneProblem: (problem) => { notices.show({ subject: 'microphone', tone: 'problem', ...microphoneMessage(problem) }); },
    unplugged: (label, instead) => {
      const title = `${label || 'The microphone'} was disconnected.`;
      if (instead === undefined) notices.show({ subject: 'microphone', tone: 'problem', title, remedy: 'Plug it in again or choose another microphone; the session is still open.' });
      else hint('unplugged', title, `Listening through ${instead || 'the default microphone'} now. Choose another one below if you like.`);
    },
    muted: (muted) => {
      if (muted) notices.show({ subject: 'muted', tone: 'problem', title: 'The microphone is muted by the system.', remedy: 'Unmute it with its own switch, the keyboard key, or the sound settings; listening goes on by itself then.' });
      else notices.dismiss('muted');
    },
    notKept: (ms) => {
      hint('kept', 'The very first words are missing.', `What was said in the ${(ms / 1000).toFixed(1)} s before the connection stood could not be sent. Please repeat it.`, 10_000);
    },
    failed: (error) => {
      const key = error.code === 'key_missing_or_wrong';
      notices.show({
        subject: 'connection',
        tone: 'problem',
        ...errorMessage(error),
        ...(key ? { ask: { label: 'Access key', submit: useKey } } : { action: { label: 'Try again', run: toggle } }),
      });
    },
    refused: (message) => { notices.show({ subject: 'refused', tone: 'problem', title: 'The server refused a command.', remedy: message }); },
  },
  sound,
  soundControls.choices,
);
const wakeLock = new WakeLock((awayMs) => void returned(awayMs));

byId('welcome-text').append(` This page sends sound to ${window.location.host} and nowhere else.`);
if (!microphoneAllowedHere()) notices.show({ subject: 'microphone', tone: 'problem', ...insecureMessage(window.location) });
controls.show('idle', false);
window.addEventListener('pagehide', () => { recorder.leave(); });

function toggle(): void {
  if (controls.stage === 'closing') return;
  if (recorder.active) {
    void recorder.stop();
    return;
  }
  for (const subject of ['microphone', 'connection', 'unplugged', 'session', 'away', 'kept', 'refused']) notices.dismiss(subject);
  void recorder.start(HubUrl, accessKey);
}

function useKey(key: string): void {
  accessKey = key;
  rememberAccessKey(key, window.sessionStorage);
  toggle();
}

function showStage(stage: Stage): void {
  controls.show(stage, sound.keeper.working);
  window.clearTimeout(unconfirmed);
  if (stage !== 'confirming') notices.dismiss('unconfirmed');
  if (stage === 'idle' || stage === 'failed') {
    meter.stop();
    wakeLock.release();
    notices.dismiss('muted');
  } else if (stage === 'listening') {
    wakeLock.hold();
  } else if (stage === 'confirming') {
    unconfirmed = window.setTimeout(() => {
      hint('unconfirmed', 'Connected, but the server has heard nothing yet.', 'Check that the microphone is the right one and not muted.');
    }, UnconfirmedMs);
  } else if (stage === 'connecting') {
    // The keeper starts a moment later than the connection; then the person may speak already.
    window.setTimeout(() => { if (controls.stage === 'connecting') controls.show('connecting', sound.keeper.working); }, 250);
  }
}

async function returned(awayMs: number): Promise<void> {
  if (!recorder.active) return;
  const stopped = await recorder.revive();
  if (!stopped) return;
  hint('away', 'The microphone was stopped while this page was out of sight.', `Phones do that when the screen locks. It was away for ${Math.round(awayMs / 1000)} s; listening again now. Keep the page open while you speak.`);
}

function redraw(): void {
  view.draw(book);
  actions.refresh();
}

function hint(subject: string, title: string, remedy: string, forMs?: number): void {
  notices.show({ subject, tone: 'hint', title, remedy, ...(forMs === undefined ? {} : { forMs }) });
}
