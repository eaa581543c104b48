using KlingProxy.Access.Credentials;
using KlingProxy.Fal.Storage;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;
using KlingProxy.Models;
using KlingProxy.Models.Input;
using KlingProxy.Uploads.Formats;
using KlingProxy.Uploads.Receiving;

namespace KlingProxy.Uploads.Keeping;

/// <summary>
/// 1. Receive the image under the size cap and in constant memory, and judge it; 2. what the caller has stored already is not stored again; 3. count it, and
/// only then ask fal's storage for a place; 4. send it there; 5. record it. Every way in ends here: a raw body, a form, a data URI.
/// </summary>
internal sealed partial class KeepImage(
    ModelCatalog catalog, FalUploads fal, IUploadStore store, UploadGate gate, ICredentials credentials, Spool spool, TimeProvider time,
    ILogger<KeepImage> logger)
{
    /// <summary>Of an image that comes before it is known what for.</summary>
    public ImageLimits Limits => catalog.Default.Schema.Images;

    public async Task<Outcome<KeptUpload>> Keep(Caller caller, IncomingImage image, CancellationToken cancel)
    {
        var outcome = await Receive(caller, image, cancel);
        if (!outcome.IsGranted)
            LogRefused(outcome.Refusal.Problem.Code);
        else if (outcome.Value.WasThere)
            LogThere(outcome.Value.Upload.Id);
        else
            LogStored(outcome.Value.Upload.Id, outcome.Value.Upload.Bytes, outcome.Value.Upload.ContentType);
        return outcome;
    }

    private async Task<Outcome<KeptUpload>> Receive(Caller caller, IncomingImage image, CancellationToken cancel)
    {
        var limits = image.Limits ?? Limits;
        if (image.Length > limits.MaxBytes)
            return ImageRefusal.TooLarge(limits, image.Length);
        if (await gate.Refuse(caller, cancel) is { } closed)
            return closed;
        var (held, refusal) = await Hold(image, limits, cancel);
        using (held)
            return held is not null ? await Store(caller, held, image, cancel) : refusal!;
    }

    private async Task<(HeldImage? Held, Refusal? Refusal)> Hold(IncomingImage image, ImageLimits limits, CancellationToken cancel)
    {
        try
        {
            return await HeldImage.Receive(image, limits, spool, cancel);
        }
        catch (SpoolTrouble trouble)
        {
            LogNoRoom(trouble.InnerException?.Message ?? "as much waits there as may", trouble);
            throw; // answered by whoever knows what it means to a caller
        }
        catch (Exception failure) when (ImageRefusal.Of(failure, limits, image.Malformed) is { } refusal)
        {
            return (null, refusal);
        }
    }

    private async Task<Outcome<KeptUpload>> Store(Caller caller, HeldImage held, IncomingImage image, CancellationToken cancel)
    {
        if (await credentials.End(caller.Credential, Scope.Jobs, cancel) is { } over) // while the bytes came
            return ImageRefusal.NoCredential(over);
        if (image.KeepFor is null && await store.FindSame(caller.Id, held.Sha256, time.GetUtcNow(), cancel) is { } same)
            return await Again(same, image);
        var (full, giveBack) = await gate.Count(caller, held.Length, cancel);
        if (full is not null)
            return full;
        var passage = new Passage();
        try
        {
            return await Send(caller, held, image, passage, cancel);
        }
        finally
        {
            if (!passage.MayBeStored) // however it ended: also where its caller has hung up
                await giveBack();
        }
    }

    // Whoever has an address of its own for it gets a second name for the same file.
    private async Task<Outcome<KeptUpload>> Again(Upload same, IncomingImage image)
    {
        if (!image.HasAddress)
            return new KeptUpload(same, WasThere: true);
        var named = same with { Id = image.Id, CreatedAt = time.GetUtcNow() };
        return await store.Add(named, CancellationToken.None) ? new KeptUpload(named, WasThere: true) : ImageRefusal.AlreadyThere();
    }

    private async Task<Outcome<KeptUpload>> Send(Caller caller, HeldImage held, IncomingImage image, Passage passage, CancellationToken cancel)
    {
        var (id, format) = (image.Id, held.Image.Format!);
        if (await fal.Initiate(format.MediaType, $"{id}.{format.Extension}", image.KeepFor, cancel) is not { } slot)
            return NoStorage(id, "gave no place");

        using var timeout = new CancellationTokenSource(ImageContent.StorageTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
        using var content = new ImageContent(held, timeout);
        try
        {
            if (!await fal.Put(slot, content, linked.Token))
                return NoStorage(id, "refused the bytes");
            passage.MayBeStored = true; // whatever becomes of its record
        }
        catch (Exception failure) when (!cancel.IsCancellationRequested && failure is HttpRequestException or IOException or OperationCanceledException)
        {
            return NoStorage(id, "broke off or fell silent");
        }
        catch
        {
            passage.MayBeStored = content.MayBeWhole; // its caller hung up, and can do so with the last byte, again and again
            throw;
        }

        if (await credentials.End(caller.Credential, Scope.Jobs, CancellationToken.None) is { } gone) // while they went
            return ImageRefusal.NoCredential(gone);
        var size = held.Image.Size;
        var upload = new Upload(id, caller.Id, slot.FileUrl, format.MediaType, (int)size.Width, (int)size.Height, held.Length, held.Sha256, time.GetUtcNow())
        {
            ReusableUntil = image.KeepFor is null ? time.GetUtcNow() + Upload.Reusable : null,
        };
        return await store.Add(upload, CancellationToken.None) // it is there now, whether or not the caller waits
            ? new KeptUpload(upload)
            : ImageRefusal.AlreadyThere();
    }

    private Outcome<KeptUpload> NoStorage(string id, string reason)
    {
        LogNoStorage(id, reason);
        return ImageRefusal.NoStorage();
    }

    /// <summary>How far an image has got on its way to fal.</summary>
    private sealed class Passage
    {
        public bool MayBeStored { get; set; }
    }

    [LoggerMessage(6001, LogLevel.Information, "Stored upload {UploadId}: {Bytes} bytes of {ContentType}")]
    private partial void LogStored(string uploadId, long bytes, string contentType);

    [LoggerMessage(6006, LogLevel.Information, "The bytes of upload {UploadId} had been stored before; nothing went to fal")]
    private partial void LogThere(string uploadId);

    [LoggerMessage(6002, LogLevel.Information, "Refused an image: {Reason}")]
    private partial void LogRefused(string reason);

    [LoggerMessage(6005, LogLevel.Error, "No room on disk to hold an image: {Reason}")]
    private partial void LogNoRoom(string reason, Exception failure);

    [LoggerMessage(6003, LogLevel.Warning, "fal's storage {Reason} of upload {UploadId}")]
    private partial void LogNoStorage(string uploadId, string reason);
}

/// <summary>An image that is an upload now.</summary>
/// <param name="WasThere">An earlier request stored it.</param>
internal sealed record KeptUpload(Upload Upload, bool WasThere = false);
