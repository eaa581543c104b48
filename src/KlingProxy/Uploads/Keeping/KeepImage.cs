using System.Diagnostics.CodeAnalysis;

using KlingProxy.Access.Credentials;
using KlingProxy.Fal.Storage;
using KlingProxy.Http.Bodies;
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
    ModelCatalog catalog, FalUploads fal, IUploadStore store, UploadGate gate, ICredentials credentials, Spool spool, TimeProvider time, ILogger<KeepImage> logger)
{
    public ImageLimits Limits => catalog.Default.Schema.Images;

    public async Task<ImageOutcome> Handle(Caller caller, IncomingImage image, CancellationToken cancel)
    {
        var outcome = await Keep(caller, image, cancel);
        if (outcome.IsKept)
            LogStored(outcome.Upload.Id, outcome.Upload.Bytes, outcome.Upload.ContentType);
        else
            LogRefused(outcome.Refusal.Problem.Code);
        return outcome;
    }

    private async Task<ImageOutcome> Keep(Caller caller, IncomingImage image, CancellationToken cancel)
    {
        if (image.Length > Limits.MaxBytes)
            return new(ImageRefusal.TooLarge(Limits, image.Length));
        if (await gate.Refuse(caller, cancel) is { } closed)
            return new(closed);
        var (held, refusal) = await Receive(image, cancel);
        using (held)
            return held is not null ? await Store(caller, held, image, cancel) : new(refusal!);
    }

    private async Task<(HeldImage? Held, ImageRefusal? Refusal)> Receive(IncomingImage image, CancellationToken cancel)
    {
        try
        {
            return await HeldImage.Receive(image, Limits, spool, cancel);
        }
        catch (SpoolTrouble trouble)
        {
            LogNoRoom(trouble.InnerException?.Message ?? "as much waits there as may", trouble);
            throw; // answered by whoever knows what it means to a caller
        }
        catch (Exception failure) when (ImageRefusal.Of(failure, Limits, image.Malformed) is { } refusal)
        {
            return (null, refusal);
        }
    }

    private async Task<ImageOutcome> Store(Caller caller, HeldImage held, IncomingImage image, CancellationToken cancel)
    {
        if (await credentials.End(caller.Credential, Scope.Jobs, cancel) is { } over) // while the bytes came
            return new(ImageRefusal.NoCredential(over));
        if (image.KeepFor is null && await store.FindSame(caller.Id, held.Sha256, time.GetUtcNow(), cancel) is { } same)
            return await Again(same, image);
        var (full, giveBack) = await gate.Count(caller, held.Length, cancel);
        if (full is not null)
            return new(full);
        var outcome = await Send(caller, held, image, cancel);
        if (!outcome.IsKept)
            await giveBack();
        return outcome;
    }

    // Whoever has an address of its own for it gets a second name for the same file.
    private async Task<ImageOutcome> Again(Upload same, IncomingImage image)
    {
        if (!image.HasAddress)
            return new(same) { WasThere = true };
        var named = same with { Id = image.Id, CreatedAt = time.GetUtcNow() };
        return await store.Add(named, CancellationToken.None) ? new(named) { WasThere = true } : new(ImageRefusal.AlreadyThere());
    }

    private async Task<ImageOutcome> Send(Caller caller, HeldImage held, IncomingImage image, CancellationToken cancel)
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
        }
        catch (Exception failure) when (!cancel.IsCancellationRequested && failure is HttpRequestException or IOException or OperationCanceledException)
        {
            return NoStorage(id, "broke off or fell silent");
        }

        if (await credentials.End(caller.Credential, Scope.Jobs, CancellationToken.None) is { } gone) // while they went
            return new(ImageRefusal.NoCredential(gone));
        var size = held.Image.Size;
        var upload = new Upload(id, caller.Id, slot.FileUrl, format.MediaType, (int)size.Width, (int)size.Height, held.Length, held.Sha256, time.GetUtcNow())
        {
            ReusableUntil = image.KeepFor is null ? time.GetUtcNow() + Upload.Reusable : null,
        };
        return await store.Add(upload, CancellationToken.None) // it is there now, whether or not the caller waits
            ? new(upload)
            : new(ImageRefusal.AlreadyThere());
    }

    private ImageOutcome NoStorage(string id, string reason)
    {
        LogNoStorage(id, reason);
        return new(ImageRefusal.NoStorage());
    }

    [LoggerMessage(6001, LogLevel.Information, "Stored upload {UploadId}: {Bytes} bytes of {ContentType}")]
    private partial void LogStored(string uploadId, long bytes, string contentType);

    [LoggerMessage(6002, LogLevel.Information, "Refused an image: {Reason}")]
    private partial void LogRefused(string reason);

    [LoggerMessage(6005, LogLevel.Error, "No room on disk to hold an image: {Reason}")]
    private partial void LogNoRoom(string reason, Exception failure);

    [LoggerMessage(6003, LogLevel.Warning, "fal's storage {Reason} of upload {UploadId}")]
    private partial void LogNoStorage(string uploadId, string reason);
}

/// <summary>What became of an image: an upload, or the reason why not.</summary>
internal sealed record ImageOutcome
{
    public ImageOutcome(Upload upload) => Upload = upload;

    public ImageOutcome(ImageRefusal refusal) => Refusal = refusal;

    public Upload? Upload { get; }

    public ImageRefusal? Refusal { get; }

    /// <summary>An earlier request stored it.</summary>
    public bool WasThere { get; init; }

    [MemberNotNullWhen(true, nameof(Upload)), MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsKept => Upload is not null;
}
