export { AsrHubClient } from './client';
export { type ClientEvents, type ClientOptions, type ClientState } from './client-options';
export { TranscriptAssembler, type Turn, type TurnStatus } from './assembler';
export { AsrHubError, type AsrHubErrorCode } from './errors';
export { type ErrorObject, type ServerEvent, type SessionRequest, type TurnDetection } from './events';
export { KeptAudioRate, type KeptAudio } from './kept-audio';
export { type LinkStats } from './media-link';
export { HubSignaling, type CreatedSession, type Signaling } from './signaling';
