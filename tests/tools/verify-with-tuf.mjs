// An independent client of TUF, asked from tests: node verify-with-tuf.mjs < JOB. JOB is JSON: `address` of a mirror,
// `folder` with root.json in it, `targets`. Says for each target "accepted" or what it was refused for.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { BaseFetcher, Updater } from "tuf-js";

const { address, folder, targets } = JSON.parse(readFileSync(0, "utf8"));
const { DownloadHTTPError } = createRequire(import.meta.url)("tuf-js/dist/error.js");

// A stamped file is fetched without the two parts that name its edition (docs/release-format.md, F8).
class EditionFetcher extends BaseFetcher {
  async fetch(url) {
    const answer = await fetch(url.replace(/\/editions\/[a-z2-7]{10}\//, "/"), { redirect: "error" });
    if (answer.status !== 200) {
      await answer.body?.cancel();
      throw new DownloadHTTPError("is not given out", answer.status);
    }
    return answer.body;
  }
}

mkdirSync(`${folder}/targets`);
const updater = new Updater({
  metadataDir: folder,
  metadataBaseUrl: `${address}metadata`,
  targetDir: `${folder}/targets`,
  targetBaseUrl: address.replace(/\/$/, ""),
  fetcher: new EditionFetcher(),
  config: { prefixTargetsWithHash: false },
});

const told = {};
for (const [number, target] of targets.entries()) {
  try {
    const info = await updater.getTargetInfo(target);
    if (!info) throw new Error("is no target");
    await updater.downloadTarget(info, `${folder}/targets/${number}`);
    told[target] = "accepted";
  } catch (error) {
    told[target] = `${error.name}: ${error.message}`;
  }
}
process.stdout.write(JSON.stringify(told));
