namespace KlingProxy.Sandbox;

/// <summary>What can go wrong with every upload while <see cref="FalSandbox.StorageFault"/> says so; no prompt can ask for it.</summary>
public enum SandboxStorageFault
{
    /// <summary>Initiate answers 403.</summary>
    GivesNoPlace,

    /// <summary>The PUT is read and answered with 403; nothing is kept.</summary>
    RefusesBytes,

    /// <summary>The PUT is read and answered with 500 in HTML; nothing is kept.</summary>
    LosesBytes,

    /// <summary>The PUT is read and never answered; nothing is kept.</summary>
    FallsSilent,
}
