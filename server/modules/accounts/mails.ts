import "server-only";
import type { Mail } from "@/server/core/mail";

/** Where our pages begin, without a trailing slash. */
type Origin = string;

const closing = "If this was not you, nothing happens as long as nobody uses the link. You need not answer this mail.";

/** Without the name: whoever signs somebody else up must not write into the mail. */
export function confirmMail(origin: Origin, to: string, token: string): Mail {
  const text = [
    "Hello,",
    "one step is left: open this link and type the password you chose. It works once, and for 24 hours.",
    `${origin}/confirm?token=${token}`,
    closing,
  ];
  return { to, subject: "Confirm your email address for Vitrine", text: text.join("\n\n") };
}

/** To the owner of an account for whose address somebody signed up again. */
export function existsMail(origin: Origin, to: string): Mail {
  const text = [
    "Hello,",
    "somebody, most likely you, asked for a new Vitrine account with this email address. You have one already.",
    `Sign in: ${origin}/sign-in`,
    `Password forgotten? Ask for a new one: ${origin}/reset`,
    "If this was not you, you need not do anything: your account has not changed.",
  ];
  return { to, subject: "You have a Vitrine account already", text: text.join("\n\n") };
}

export function resetMail(origin: Origin, to: string, token: string): Mail {
  const text = [
    "Hello,",
    "open this link to choose a new password. It works once, and for one hour; setting the password signs you out everywhere.",
    `${origin}/reset?token=${token}`,
    closing,
  ];
  return { to, subject: "Choose a new password for Vitrine", text: text.join("\n\n") };
}

/** To an address without an account, for which somebody asked for a new password. */
export function unknownMail(origin: Origin, to: string): Mail {
  const text = [
    "Hello,",
    "somebody, most likely you, asked for a new Vitrine password, but there is no account with this email address.",
    `Did you sign up with another address? Otherwise sign up here: ${origin}/sign-up`,
    "If this was not you, you need not do anything.",
  ];
  return { to, subject: "No Vitrine account with this address", text: text.join("\n\n") };
}
