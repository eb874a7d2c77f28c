import type { AsrHubError } from '../sdk';
import type { MicrophoneProblem } from './microphone';

export interface Message {
  title: string;
  remedy: string;
}

export function microphoneMessage(problem: MicrophoneProblem): Message {
  switch (problem.code) {
    case 'insecure':
      return insecureMessage(window.location);
    case 'refused':
      return {
        title: 'The browser refused the microphone.',
        remedy: 'Allow it for this page: open the permissions beside the address (the icon left of it), set Microphone to Allow, and press the button again.',
      };
    case 'refused_by_system':
      return {
        title: 'The system keeps the microphone from this browser.',
        remedy: 'Allow the browser to use the microphone in the privacy settings of the system, then press the button again.',
      };
    case 'none':
      return { title: 'No microphone was found.', remedy: 'Plug one in or switch it on, then press the button again.' };
    case 'busy':
      return {
        title: 'The microphone cannot be opened.',
        remedy: 'Another program is probably using it alone. Close that program or choose another microphone, then press the button again.',
      };
    case 'unknown':
      return { title: 'The microphone cannot be opened.', remedy: `The browser says: ${problem.detail || 'nothing'}. Choose another microphone or reload the page.` };
  }
}

/** Names the cause: browsers give the microphone to HTTPS pages and to localhost only. */
export function insecureMessage(location: { protocol: string; host: string; port: string }): Message {
  const port = location.port ? `:${location.port}` : '';
  return {
    title: `No microphone over ${location.protocol.replace(':', '')} from ${location.host}.`,
    remedy: `Browsers give the microphone only to HTTPS pages and to localhost. Start the server with ./run --lan and open its https:// link, or open http://localhost${port} on the server's own machine.`,
  };
}

export function errorMessage(error: AsrHubError): Message {
  return { title: error.title, remedy: error.remedy };
}
