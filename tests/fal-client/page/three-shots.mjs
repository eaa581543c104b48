import { fal } from "@fal-ai/client";

const { request_id } = await fal.queue.submit("fal-ai/kling-video/o3/4k/image-to-video", {
  input: {
    image_url: "https://example.com/start.png",
    multi_prompt: [
      { prompt: "Wide shot of the gate at dusk.", duration: "3" },
      { prompt: "Close-up of the lantern.", duration: "3" },
      { prompt: "The street from above as the lights go on.", duration: "4" }
    ],
    shot_type: "customize"
  },
  webhookUrl: "https://optional.webhook.url/for/results",
});

let status;
do {
  status = await fal.queue.status("fal-ai/kling-video/o3/4k/image-to-video", {
    requestId: request_id,
    logs: true,
  });
} while (status.status !== "COMPLETED");

const result = await fal.queue.result("fal-ai/kling-video/o3/4k/image-to-video", {
  requestId: request_id
});
console.log(result.data);
console.log(result.requestId);
