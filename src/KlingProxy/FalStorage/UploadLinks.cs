using KlingProxy.Access.Network;

namespace KlingProxy.FalStorage;

/// <summary>The addresses that are given out for an upload: where its bytes go, and what stands for it.</summary>
internal sealed class UploadLinks(PublicUrl address)
{
    /// <summary>Below fal's doors, so that refusals there are in fal's form.</summary>
    public const string Uploads = "/fal/uploads", Files = "/fal/files";

    public string Upload(HttpRequest request, string permit) => address.Link(request, $"{Uploads}/{permit}");

    public string File(HttpRequest request, string id, string seal) => address.Link(request, $"{Files}/{id}/{seal}");
}
