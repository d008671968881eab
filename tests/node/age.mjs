// Seals or opens standard input with the npm package age-encryption.
//
//   node age.mjs keygen            prints a new hybrid identity and its recipient
//   node age.mjs seal RECIPIENT…   [ARMOR=1]
//   node age.mjs open IDENTITY

import * as age from "age-encryption";
import { buffer } from "node:stream/consumers";

const [verb, ...keys] = process.argv.slice(2);

async function input() {
  return new Uint8Array(await buffer(process.stdin));
}

const verbs = {
  async keygen() {
    const identity = await age.generateHybridIdentity();
    return `${identity}\n${await age.identityToRecipient(identity)}\n`;
  },
  async seal() {
    const encrypter = new age.Encrypter();
    for (const key of keys) encrypter.addRecipient(key);
    const sealed = await encrypter.encrypt(await input());
    return process.env.ARMOR ? age.armor.encode(sealed) : sealed;
  },
  async open() {
    const decrypter = new age.Decrypter();
    for (const key of keys) decrypter.addIdentity(key);
    let sealed = await input();
    if (process.env.ARMOR) sealed = age.armor.decode(new TextDecoder().decode(sealed));
    return decrypter.decrypt(sealed);
  },
};

process.stdout.write(await verbs[verb]());
