import { ref } from "vue";

/** Has this browser a Chinese voice? Voices may arrive after the page. */
export const hasVoice = ref(false);

const synth = typeof speechSynthesis === "undefined" ? null : speechSynthesis;

function chinese(): SpeechSynthesisVoice | undefined {
  return synth?.getVoices().find(({ lang }) => /^(zh|cmn)/i.test(lang));
}

export function listenForVoices(): void {
  const look = (): void => void (hasVoice.value = chinese() !== undefined);
  look();
  synth?.addEventListener?.("voiceschanged", look);
}

/** Say something before a rating. What follows a tap is never spoken: the clerk would hear how it was. */
export function say(text: string): void {
  const voice = chinese();
  if (!synth || !voice) return;
  synth.cancel();
  const spoken = new SpeechSynthesisUtterance(text);
  [spoken.voice, spoken.lang] = [voice, voice.lang];
  synth.speak(spoken);
}
